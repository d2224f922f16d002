"""TensorFlow's graphs as messages, as far as they are written by us: GraphDef, and RunMetadata around them."""

from addax.formats._tensor import TENSOR_SCHEMA
from addax.formats._wire import Schema

GRAPH_PRODUCER = 22  # the version of GraphDef; graphs that TensorBoard joins must have the same

GRAPH_SCHEMA = Schema(
    """
    Graph: node=1:*Node library=2:Library versions=4:Versions
    Versions: producer=1:int
    Library: function=1:*Function
    Node: name=1:str op=2:str input=3:*str device=4:str attr=5:{str,Attr}
    Attr: list=1:AttrList s=2:bytes i=3:int f=4:float b=5:bool type=6:enum shape=7:Shape tensor=8:Tensor func=10:NamedFunction
    AttrList: s=2:*bytes i=3:+int f=4:+float b=5:+bool type=6:+enum shape=7:*Shape func=9:*NamedFunction
    NamedFunction: name=1:str
    Function: signature=1:OpDef node_def=3:*Node ret=4:{str,str}
    OpDef: name=1:str input_arg=2:*Argument output_arg=3:*Argument
    Argument: name=1:str type=3:enum
    RunMetadata: function_graphs=4:*FunctionGraphs
    FunctionGraphs: pre_optimization_graph=2:Graph
    """,  # noqa: E501
    TENSOR_SCHEMA,
)
