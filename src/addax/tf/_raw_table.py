"""The kernels of TensorFlow by the functions that do the same, for `tf.raw_ops`: data only."""

from __future__ import annotations

# Kernel, function (from `tf` on), and the kernel's arguments, each with the function's name for it if it has another.
TABLE = """
Abs abs x | Acos acos x | Acosh acosh x | Add add x y | AddN add_n inputs | AddV2 add x y
AdjustContrastv2 image.adjust_contrast images contrast_factor | AdjustHue image.adjust_hue images=image delta
AdjustSaturation image.adjust_saturation images=image scale=saturation_factor
All reduce_all input=input_tensor axis keep_dims=keepdims | Any reduce_any input=input_tensor axis keep_dims=keepdims
Angle math.angle input | ArgMax argmax input dimension=axis output_type | ArgMin argmin input dimension=axis output_type
AsString strings.as_string input precision scientific shortest width fill
Asin asin x | Asinh asinh x | Atan atan x | Atan2 atan2 y x | Atanh atanh x
AvgPool nn.avg_pool value=input ksize strides padding data_format
AvgPool3D nn.avg_pool3d input ksize strides padding data_format
BatchMatMul linalg.matmul x=a y=b adj_x=adjoint_a adj_y=adjoint_b
BatchMatMulV2 linalg.matmul x=a y=b adj_x=adjoint_a adj_y=adjoint_b
BatchToSpaceND batch_to_space input block_shape crops
BesselI0e math.bessel_i0e x | BesselI1e math.bessel_i1e x | Betainc math.betainc a b x
BiasAdd nn.bias_add value bias data_format | Bitcast bitcast input type
BitwiseAnd bitwise.bitwise_and x y | BitwiseOr bitwise.bitwise_or x y | BitwiseXor bitwise.bitwise_xor x y
BroadcastTo broadcast_to input shape | Cast cast x DstT=dtype | Ceil math.ceil x | Cholesky linalg.cholesky input
ClipByValue clip_by_value t clip_value_min clip_value_max | Complex complex real imag | ComplexAbs abs x
Concat concat concat_dim=axis values | ConcatV2 concat values axis | Conj math.conj input=x
Conv2D nn.conv2d input filter=filters strides padding data_format dilations
Conv3D nn.conv3d input filter=filters strides padding data_format dilations | Cos cos x | Cosh cosh x
CropAndResize image.crop_and_resize image boxes box_ind=box_indices crop_size method extrapolation_value
Cross linalg.cross a b | Cumprod math.cumprod x axis exclusive reverse | Cumsum cumsum x axis exclusive reverse
DecodeBase64 io.decode_base64 input | DecodeBmp image.decode_bmp contents channels
DecodeGif image.decode_gif contents | DecodeJpeg image.decode_jpeg contents channels ratio
DecodePng image.decode_png contents channels dtype | DecodeRaw io.decode_raw bytes=input_bytes out_type little_endian
DepthToSpace nn.depth_to_space input block_size data_format
DepthwiseConv2dNative nn.depthwise_conv2d input filter strides padding data_format dilations=dilations
Diag linalg.tensor_diag diagonal | DiagPart linalg.tensor_diag_part input | Digamma math.digamma x
Div divide x y | DivNoNan math.divide_no_nan x y
DrawBoundingBoxesV2 image.draw_bounding_boxes images boxes colors
DynamicPartition dynamic_partition data partitions num_partitions | DynamicStitch dynamic_stitch indices data
Elu nn.elu features | EncodeBase64 io.encode_base64 input pad | EncodeJpeg image.encode_jpeg image format quality
EncodePng image.encode_png image compression | Equal equal x y | Erf math.erf x | Erfc math.erfc x
Erfinv math.erfinv x | Exp exp x | ExpandDims expand_dims input axis | Expm1 math.expm1 x
ExtractImagePatches image.extract_patches images ksizes=sizes strides rates padding
FFT signal.fft input | FFT2D signal.fft2d input | FFT3D signal.fft3d input
FakeQuantWithMinMaxArgs quantization.fake_quant_with_min_max_args inputs min max num_bits narrow_range
FakeQuantWithMinMaxVars quantization.fake_quant_with_min_max_vars inputs min max num_bits narrow_range
FakeQuantWithMinMaxVarsPerChannel quantization.fake_quant_with_min_max_vars_per_channel \
inputs min max num_bits narrow_range
Fill fill dims value | Floor floor x | FloorDiv math.floordiv x y | FloorMod math.floormod x y
Gather gather params indices | GatherNd gather_nd params indices bad_indices_policy
GatherV2 gather params indices axis batch_dims | Greater greater x y | GreaterEqual greater_equal x y
HSVToRGB image.hsv_to_rgb images | IFFT signal.ifft input | IFFT2D signal.ifft2d input | IFFT3D signal.ifft3d input
IRFFT signal.irfft input=input_tensor fft_length | IRFFT2D signal.irfft2d input=input_tensor fft_length
Identity identity input | IdentityN identity_n input | Igamma math.igamma a x | Igammac math.igammac a x
Imag math.imag input | InTopKV2 math.in_top_k predictions targets k | Inv math.reciprocal x
InvertPermutation math.invert_permutation x | Invert bitwise.invert x | IsFinite math.is_finite x
IsInf math.is_inf x | IsNan math.is_nan x | L2Loss nn.l2_loss t
LRN nn.local_response_normalization input depth_radius bias alpha beta | LeakyRelu nn.leaky_relu features alpha
LeftShift bitwise.left_shift x y | Less less x y | LessEqual less_equal x y | Lgamma math.lgamma x
LinSpace linspace start stop num | Log math.log x | Log1p math.log1p x | LogSoftmax nn.log_softmax logits
LogicalAnd logical_and x y | LogicalNot logical_not x | LogicalOr logical_or x y
LowerBound searchsorted sorted_inputs=sorted_sequence values out_type
MatMul linalg.matmul a b transpose_a transpose_b | MatrixBandPart linalg.band_part input num_lower num_upper
MatrixDeterminant linalg.det input | MatrixDiag linalg.diag diagonal | MatrixDiagPart linalg.diag_part input
MatrixDiagPartV3 linalg.diag_part input k padding_value align
MatrixDiagV3 linalg.diag diagonal k num_rows num_cols padding_value align
MatrixExponential linalg.expm input | MatrixInverse linalg.inv input adjoint | MatrixLogarithm linalg.logm input
MatrixSetDiag linalg.set_diag input diagonal | MatrixSolve linalg.solve matrix rhs adjoint
MatrixSquareRoot linalg.sqrtm input | MatrixTriangularSolve linalg.triangular_solve matrix rhs lower adjoint
Max reduce_max input=input_tensor axis keep_dims=keepdims | MaxPool nn.max_pool input ksize strides padding data_format
MaxPool3D nn.max_pool3d input ksize strides padding data_format
MaxPoolV2 nn.max_pool input ksize strides padding data_format
MaxPoolWithArgmax nn.max_pool_with_argmax input ksize strides padding Targmax=output_dtype include_batch_in_index
Maximum maximum x y | Mean reduce_mean input=input_tensor axis keep_dims=keepdims
Min reduce_min input=input_tensor axis keep_dims=keepdims | Minimum minimum x y
MirrorPad pad input=tensor paddings mode | Mod truncatemod x y | Mul multiply x y
MulNoNan math.multiply_no_nan x y | Multinomial random.categorical logits num_samples seed output_dtype=dtype
Ndtri math.ndtri x | Neg negative x | NextAfter math.nextafter x1 x2
NonMaxSuppressionV3 image.non_max_suppression boxes scores max_output_size iou_threshold score_threshold
NotEqual not_equal x y | OneHot one_hot indices depth on_value off_value axis | OnesLike ones_like x=input
Pack stack values axis | Pad pad input=tensor paddings | PadV2 pad input=tensor paddings constant_values
Polygamma math.polygamma a x | Pow pow x y | Prod reduce_prod input=input_tensor axis keep_dims=keepdims
Qr linalg.qr input full_matrices | RFFT signal.rfft input=input_tensor fft_length
RFFT2D signal.rfft2d input=input_tensor fft_length | RGBToHSV image.rgb_to_hsv images
RandomGamma random.gamma shape alpha seed | RandomPoissonV2 random.poisson shape rate=lam seed dtype
RandomShuffle random.shuffle value seed | RandomStandardNormal random.normal shape dtype seed
RandomUniform random.uniform shape dtype seed | RandomUniformInt random.uniform shape minval maxval seed dtype
Range range start limit delta | Rank rank input | ReadFile io.read_file filename | Real math.real input
RealDiv divide x y | Reciprocal math.reciprocal x | RegexFullMatch strings.regex_full_match input pattern
RegexReplace strings.regex_replace input pattern rewrite replace_global | Relu nn.relu features
Relu6 nn.relu6 features | Reshape reshape tensor shape
ReverseSequence reverse_sequence input seq_lengths seq_dim=seq_axis batch_dim=batch_axis
ReverseV2 reverse tensor axis | RightShift bitwise.right_shift x y | Rint math.rint x | Roll roll input shift axis
Round round x | Rsqrt math.rsqrt x | ScatterNd scatter_nd indices updates shape
SegmentMax math.segment_max data segment_ids | SegmentMean math.segment_mean data segment_ids
SegmentMin math.segment_min data segment_ids | SegmentProd math.segment_prod data segment_ids
SegmentSum math.segment_sum data segment_ids | Select where condition x y | SelectV2 where condition t=x e=y
SelfAdjointEigV2 linalg.eigh input=tensor | Selu nn.selu features | Shape shape input out_type
ShapeN shape_n input out_type | Sigmoid sigmoid x | Sign sign x | Sin sin x | Sinh sinh x | Size size input out_type
Slice slice input=input_ begin size | Softmax nn.softmax logits | Softplus nn.softplus features
Softsign nn.softsign features | SpaceToBatchND space_to_batch input block_shape paddings
SpaceToDepth nn.space_to_depth input block_size data_format | Split split axis value num_split=num_or_size_splits
SplitV split value size_splits=num_or_size_splits axis num_split=num | Sqrt sqrt x | Square square x
SquaredDifference math.squared_difference x y | Squeeze squeeze input axis
StatelessRandomNormal random.stateless_normal shape seed dtype
StatelessRandomUniform random.stateless_uniform shape seed dtype
StatelessTruncatedNormal random.stateless_truncated_normal shape seed dtype | StopGradient stop_gradient input
StridedSlice strided_slice input=input_ begin end strides begin_mask end_mask ellipsis_mask \
new_axis_mask shrink_axis_mask
StringJoin strings.join inputs separator | StringLength strings.length input unit
StringLower strings.lower input encoding | StringStrip strings.strip input
StringToHashBucketFast strings.to_hash_bucket_fast input num_buckets
StringToNumber strings.to_number string_tensor=input out_type | StringUpper strings.upper input encoding
Sub subtract x y | Substr strings.substr input pos len unit | Sum reduce_sum input=input_tensor axis keep_dims=keepdims
Svd linalg.svd input=tensor compute_uv full_matrices | Tan tan x | Tanh tanh x
TensorScatterAdd tensor_scatter_nd_add tensor indices updates
TensorScatterMax tensor_scatter_nd_max tensor indices updates
TensorScatterMin tensor_scatter_nd_min tensor indices updates
TensorScatterSub tensor_scatter_nd_sub tensor indices updates
TensorScatterUpdate tensor_scatter_nd_update tensor indices updates | Tile tile input multiples
TopKV2 math.top_k input k sorted index_type | Transpose transpose x=a perm | TruncateDiv truncatediv x y
TruncateMod truncatemod x y | TruncatedNormal random.truncated_normal shape dtype seed | Unique unique x out_idx
UniqueWithCounts unique_with_counts x out_idx | Unpack unstack value num axis | UnravelIndex unravel_index indices dims
UnsortedSegmentMax math.unsorted_segment_max data segment_ids num_segments
UnsortedSegmentMin math.unsorted_segment_min data segment_ids num_segments
UnsortedSegmentProd math.unsorted_segment_prod data segment_ids num_segments
UnsortedSegmentSum math.unsorted_segment_sum data segment_ids num_segments
Where where condition | WriteFile io.write_file filename contents | Xdivy math.xdivy x y
Xlog1py math.xlog1py x y | Xlogy math.xlogy x y | ZerosLike zeros_like x=input | Zeta math.zeta x q
"""

# Kernels that have no function of their own: see `_raw_ops`.
WRITTEN = """
    BiasAddGrad Conv2DBackpropFilter Conv2DBackpropInput Einsum EluGrad FusedBatchNormV3 LeakyReluGrad NoOp
    NonMaxSuppressionV5 Relu6Grad ReluGrad RsqrtGrad SeluGrad SigmoidGrad SoftmaxCrossEntropyWithLogits SoftplusGrad
    SparseSoftmaxCrossEntropyWithLogits SqrtGrad TanhGrad UpperBound
""".split()

NAMES = sorted(
    [*(entry.split()[0] for line in TABLE.strip().splitlines() for entry in line.split("|")), *WRITTEN]
)
