package api

// OpenAPIPaths returns, for "api/v1" and "apis/GROUP/VERSION", the path with
// hash under which its OpenAPI v3 document is served: the index of /openapi/v3.
func OpenAPIPaths() map[string]string { return nil }

// OpenAPI returns the OpenAPI v3 document of path ("api/v1"), gzipped JSON, and
// its hash, which is also its ETag.
func OpenAPI(path string) (gz []byte, hash string, ok bool) { return nil, "", false }
