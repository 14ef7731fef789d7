(create_table (object_reference name: (identifier) @name)) @table
(create_view (object_reference name: (identifier) @name)) @view
(create_materialized_view (object_reference name: (identifier) @name)) @view
(create_index column: (identifier) @name) @index
(create_function . (keyword_create) (object_reference name: (identifier) @name) [(function_arguments) (function_body)]) @function
(create_trigger (keyword_trigger) . (object_reference name: (identifier) @name)) @trigger
(create_type (object_reference name: (identifier) @name)) @type
(create_schema (identifier) @name) @module
(create_sequence (object_reference name: (identifier) @name)) @sequence
(column_definition name: (identifier) @name) @field

(object_reference name: (identifier) @reference)
(keyword_when) @decision
(comment) @comment
