package image

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"k8s.io/utils/clock"

	"kubergarten/wasm/fuel"
	"kubergarten/wasm/guest"
)

// ErrNotFound reports an image that the catalog does not have.
var ErrNotFound = errors.New("not found")

// Config says what a store works with.
type Config struct {
	// Dir is where results are kept from one run of the server to the next:
	// os.UserCacheDir()/kubergarten if empty, nowhere if "-".
	Dir string
	// Modules returns a guest's module by its name; guest.Module if nil.
	Modules func(name string) ([]byte, error)
	// Limits is what modules may be; fuel.DefaultLimits if zero.
	Limits fuel.Limits
	// Warm lists the programs to compile when the store runs.
	Warm []string
	// Workers is how many programs are compiled at a time; as many as there
	// are processors if zero.
	Workers int
	// Memory bounds what all guests hold together, in bytes; 60 % of the
	// machine's if zero.
	Memory int64
	Log    *slog.Logger
}

// A Store has images, and their programs compiled, for all nodes of all
// clusters of a server.
type Store struct {
	cfg     Config
	budget  *Budget
	cores   *fuel.Cores
	runtime wazero.Runtime
	cache   wazero.CompilationCache
	kept    kept
	workers chan struct{}
	entries []entry

	offer    sync.Once
	offerErr error

	mu       sync.Mutex
	images   map[string]*Image   // by full reference
	programs map[string]*Program // by name
	imported map[string][]byte   // modules, by name of the program
	sums     map[string]sum      // of modules, by name of the program
}

// sum is the hash and the size of a module.
type sum struct {
	digest string
	size   int64
}

// New returns a store with the catalog's images.
func New(cfg Config) (*Store, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Modules == nil {
		cfg.Modules = guest.Module
	}
	if cfg.Limits == (fuel.Limits{}) {
		cfg.Limits = fuel.DefaultLimits()
	}
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if cfg.Memory <= 0 {
		cfg.Memory = memorySize() / 10 * 6
	}
	s := &Store{
		cfg: cfg, budget: NewBudget(cfg.Memory), cores: fuel.NewCores(runtime.GOMAXPROCS(0) - 1), workers: make(chan struct{}, cfg.Workers), entries: catalog(),
		images: map[string]*Image{}, programs: map[string]*Program{}, imported: map[string][]byte{}, sums: map[string]sum{},
	}
	if err := s.openCache(); err != nil {
		return nil, err
	}
	return s, nil
}

// openCache opens the directory for results, and the runtime that uses it.
func (s *Store) openCache() (err error) {
	s.cache = wazero.NewCompilationCache()
	if dir := s.cfg.Dir; dir != "-" {
		if dir == "" {
			if dir, err = os.UserCacheDir(); err != nil {
				return fmt.Errorf("find the user's cache directory: %w", err)
			}
			dir = filepath.Join(dir, "kubergarten")
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make the cache directory: %w", err)
		}
		s.kept.dir = dir
		s.kept.sweep()
		if s.cache, err = wazero.NewCompilationCacheWithDir(dir); err != nil {
			return fmt.Errorf("open the compilation cache: %w", err)
		}
	}
	s.runtime = wazero.NewRuntimeWithConfig(context.Background(), wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesTailCall).
		WithCompilationCache(s.cache))
	return nil
}

// Offer gives the guests their host functions: fuel's, and those that offer
// adds to the runtime. Only the first call counts; it comes before any program
// is run.
func (s *Store) Offer(ctx context.Context, offer func(context.Context, wazero.Runtime) error) error {
	s.offer.Do(func() {
		if s.offerErr = fuel.Instantiate(ctx, s.runtime); s.offerErr == nil {
			s.offerErr = offer(ctx, s.runtime)
		}
	})
	return s.offerErr
}

// Run compiles what is to be warm, and frees everything when ctx is done: no
// guest must run any more then.
func (s *Store) Run(ctx context.Context) error {
	for _, name := range s.cfg.Warm {
		if ctx.Err() != nil {
			break
		}
		if _, err := s.Program(ctx, name); err != nil {
			s.cfg.Log.WarnContext(ctx, "program is not ready", "program", name, "err", err)
		}
	}
	<-ctx.Done()
	return s.close()
}

func (s *Store) close() error {
	ctx := context.Background()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.programs {
		p.close()
	}
	return errors.Join(s.runtime.Close(ctx), s.cache.Close(ctx))
}

// Runtime is where the programs run.
func (s *Store) Runtime() wazero.Runtime { return s.runtime }

// NewAccount returns the account of a new container.
func (s *Store) NewAccount(clk clock.Clock) *fuel.Account { return s.cores.NewAccount(clk) }

// NewMemory returns the memory of a new container; see Budget.NewMemory.
func (s *Store) NewMemory(limit int64, killed func()) *Memory {
	return s.budget.NewMemory(limit, killed)
}

// Resolve finds an image by a name as people write it.
func (s *Store) Resolve(name string) (*Image, error) {
	ref, err := Parse(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i, ok := s.images[ref.String()]; ok {
		return i, nil
	}
	i, err := s.make(ref)
	if err != nil {
		return nil, err
	}
	s.images[ref.String()] = i
	return i, nil
}

// make makes an image of the catalog. mu is held.
func (s *Store) make(ref Reference) (*Image, error) {
	if ref.Digest != "" {
		return s.known(ref)
	}
	e, ok := find(s.entries, ref)
	if !ok {
		return nil, notFound(ref)
	}
	i := &Image{Ref: ref, Config: e.config(ref.Tag), Files: e.files(), main: e.main}
	return i, i.seal(s.sum)
}

// known finds an image that has been resolved before by its digest. mu is held.
func (s *Store) known(ref Reference) (*Image, error) {
	_, base := cutBase(ref.Name)
	for _, i := range s.images {
		if _, b := cutBase(i.Ref.Name); b == base && i.Digest == ref.Digest {
			return i, nil
		}
	}
	return nil, notFound(ref)
}

// notFound is what containerd says, and that there is but a catalog.
func notFound(ref Reference) error {
	return fmt.Errorf("failed to pull and unpack image %q: failed to resolve reference %q: %s: %w (the offline catalog has no such image)", ref, ref, ref, ErrNotFound)
}

// Import adds an image that is one bare module, under a name, with a
// configuration whose entrypoint may be empty. It is scanned at once.
func (s *Store) Import(name string, wasm []byte, cfg v1.Config) (*Image, error) {
	ref, err := Parse(name)
	if err != nil {
		return nil, err
	}
	if err := fuel.Scan(wasm, s.cfg.Limits); err != nil {
		return nil, fmt.Errorf("import %s: %w", ref, err)
	}
	_, base := cutBase(ref.Name)
	exe := "/" + strings.TrimSuffix(base, ".wasm")
	if len(cfg.Entrypoint) == 0 {
		cfg.Entrypoint = []string{exe}
	}
	id := digest(wasm)
	i := &Image{Ref: ref, Config: cfg, Files: merge(dirs("/dev", "/etc", "/proc", "/tmp"), []File{program(exe, id)}), main: id}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.imported[id] = slices.Clone(wasm)
	if err := i.seal(s.sum); err != nil {
		return nil, err
	}
	s.images[ref.String()] = i
	return i, nil
}

// sum hashes a program's module. mu is held.
func (s *Store) sum(program string) (string, int64, error) {
	if known, ok := s.sums[program]; ok {
		return known.digest, known.size, nil
	}
	wasm, err := s.module(program)
	if err != nil {
		return "", 0, err
	}
	s.sums[program] = sum{digest(wasm), int64(len(wasm))}
	return s.sums[program].digest, int64(len(wasm)), nil
}

// module returns a program's module as it came. mu is held.
func (s *Store) module(program string) ([]byte, error) {
	if wasm, ok := s.imported[program]; ok {
		return wasm, nil
	}
	return s.cfg.Modules(program)
}
