package picture

import _ "embed"

// Schema is the JSON Schema of layouts, by which editors complete and check what is typed. A test holds it to what Compile
// reads.
//
//go:embed layout.schema.json
var Schema []byte
