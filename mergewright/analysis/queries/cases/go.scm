(function_declaration) @scope
(call_expression) @call
