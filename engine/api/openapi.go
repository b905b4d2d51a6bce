package api

//go:generate go test -run ^TestGenerated$ . -update

import (
	"embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
)

// Upstream's documents, trimmed to what Resources serves; see generate_test.go.
//
//go:embed openapi
var openAPIFiles embed.FS

// openAPIHashes is the hash of each document by its path. They are kept beside
// the documents, because making them means unpacking two megabytes.
var openAPIHashes = sync.OnceValue(func() map[string]string {
	data, err := openAPIFiles.ReadFile("openapi/index.json")
	hashes := map[string]string{}
	if err == nil {
		err = json.Unmarshal(data, &hashes)
	}
	if err != nil {
		panic(fmt.Sprintf("api: openapi/index.json: %v", err)) // it is embedded
	}
	return hashes
})

// OpenAPIPaths returns the index of /openapi/v3: for each of "api/v1" and
// "apis/GROUP/VERSION", the URL of its document, with its hash.
func OpenAPIPaths() map[string]string {
	urls := map[string]string{}
	for path, hash := range openAPIHashes() {
		urls[path] = "/openapi/v3/" + path + "?hash=" + hash
	}
	return urls
}

// OpenAPI returns the OpenAPI v3 document of path ("api/v1"), gzipped JSON, and
// its hash, which is also its ETag.
func OpenAPI(path string) (gz []byte, hash string, ok bool) {
	hash, ok = openAPIHashes()[path]
	if !ok {
		return nil, "", false
	}
	gz, err := openAPIFiles.ReadFile(openAPIFile(path))
	return gz, hash, err == nil
}

// openAPIFile is the name of the embedded document of path.
func openAPIFile(path string) string {
	return "openapi/" + strings.ReplaceAll(path, "/", "__") + ".json.gz"
}
