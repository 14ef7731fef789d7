[(method_declaration) (class_declaration)] @scope
[(annotation) (marker_annotation)] @mark
[(method_invocation) (object_creation_expression)] @call
(assert_statement) @assert
(catch_clause body: (block) @caught)
