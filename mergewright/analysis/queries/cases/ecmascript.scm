(call_expression) @call
(new_expression) @call
(catch_clause body: (statement_block) @caught)
