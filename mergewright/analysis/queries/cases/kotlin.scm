[(function_declaration) (class_declaration)] @scope
(annotation) @mark
(call_expression) @call
(infix_expression) @assert
(catch_block) @caught
