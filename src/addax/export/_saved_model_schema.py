"""The messages of a SavedModel: graph, signatures, object graph and checkpoint graph."""

from addax.formats import CHECKPOINT_SCHEMA, TENSOR_SCHEMA, Schema

SAVED_MODEL_SCHEMA = Schema(
    """
    SavedModel: saved_model_schema_version=1:int meta_graphs=2:*MetaGraph
    MetaGraph: meta_info_def=1:MetaInfo graph_def=2:Graph saver_def=3:Saver collection_def=4:{str,Collection} signature_def=5:{str,Signature} object_graph_def=7:ObjectGraph
    MetaInfo: tags=4:*str tensorflow_version=5:str tensorflow_git_version=6:str stripped_default_attrs=7:bool
    Saver: filename_tensor_name=1:str save_tensor_name=2:str restore_op_name=3:str version=7:enum
    Collection: node_list=1:NodeList
    NodeList: value=1:*str
    Signature: inputs=1:{str,TensorInfo} outputs=2:{str,TensorInfo} method_name=3:str
    TensorInfo: name=1:str dtype=2:enum tensor_shape=3:Shape

    Graph: node=1:*Node library=2:Library versions=4:Versions
    Versions: producer=1:int min_consumer=2:int
    Library: function=1:*Function
    Node: name=1:str op=2:str input=3:*str device=4:str attr=5:{str,Attr}
    Attr: list=1:AttrList s=2:bytes i=3:int f=4:float b=5:bool type=6:enum shape=7:Shape tensor=8:Tensor func=10:NamedFunction
    AttrList: s=2:*bytes i=3:+int f=4:+float b=5:+bool type=6:+enum shape=7:*Shape
    NamedFunction: name=1:str
    Function: signature=1:OpDef node_def=3:*Node ret=4:{str,str} attr=5:{str,Attr} control_ret=6:{str,str} arg_attr=7:{int,ArgumentAttrs}
    ArgumentAttrs: attr=1:{str,Attr}
    OpDef: name=1:str input_arg=2:*Argument output_arg=3:*Argument is_stateful=17:bool control_output=20:*str
    Argument: name=1:str type=3:enum handle_data=7:*HandleData
    HandleData: dtype=1:enum shape=2:Shape

    ObjectGraph: nodes=1:*Object concrete_functions=2:{str,ConcreteFunction}
    Object: children=1:*Child user_object=4:UserObject function=6:PolymorphicFunction variable=7:Variable bare_concrete_function=8:BareFunction resource=10:Resource
    Resource: device=1:str
    UserObject: identifier=1:str version=2:Versions
    PolymorphicFunction: concrete_functions=1:*str function_spec=2:FunctionSpec
    ConcreteFunction: bound_inputs=2:+int canonicalized_input_signature=3:Structure output_signature=4:Structure
    BareFunction: concrete_function_name=1:str argument_keywords=2:*str allowed_positional_arguments=3:int function_spec=4:FunctionSpec
    Variable: dtype=1:enum shape=2:Shape trainable=3:bool name=6:str
    FunctionSpec: fullargspec=1:Structure is_method=2:bool input_signature=5:Structure
    Structure: none_value=1:Empty string_value=13:str tensor_spec_value=33:TensorSpec list_value=51:StructureList tuple_value=52:StructureList dict_value=53:StructureDict named_tuple_value=54:StructureNamed
    Empty:
    TensorSpec: name=1:str shape=2:Shape dtype=3:enum
    StructureList: values=1:*Structure
    StructureDict: fields=1:{str,Structure}
    StructureNamed: name=1:str values=2:*StructurePair
    StructurePair: key=1:str value=2:Structure

    """,  # noqa: E501
    TENSOR_SCHEMA,
    CHECKPOINT_SCHEMA,
)
