"""`tf.linalg.LinearOperator*`: matrices known by what they do to vectors, few of which are ever written out.

`_base` has the class that users derive from, with a dense way for whatever an operator does not do better; there is a
file for each kind. `_algebra` knows which products and quotients of two operators are an operator of a simple kind.
"""
