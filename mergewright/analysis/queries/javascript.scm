(class_declaration name: (identifier) @name) @class
(field_definition property: (_) @name) @field
(field_definition property: (_) @name value: [(arrow_function) (function_expression)]) @function
(class_heritage [(identifier) @reference (member_expression property: (property_identifier) @reference)])
