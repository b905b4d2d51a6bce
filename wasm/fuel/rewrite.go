package fuel

// Version names what Rewrite does to a module; caches of its output carry it.
const Version = "1"

// Rewrite returns the module with fuel in it. It refuses what Scan refuses.
func Rewrite(wasm []byte, l Limits) ([]byte, error) {
	return nil, nil
}
