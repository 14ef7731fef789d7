[(function_item) (mod_item)] @scope
(attribute_item) @mark
[(call_expression) (macro_invocation)] @call
