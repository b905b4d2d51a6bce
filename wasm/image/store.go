package image

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"k8s.io/utils/clock"

	"kubergarten/wasm/fuel"
	"kubergarten/wasm/guest"
)

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
	// Lean has the machine code lie in a file of Dir rather than in memory, on
	// Linux. Then no other store of the process may end before this one.
	Lean bool
	Log  *slog.Logger
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

	coding   sync.Mutex // while code is moved, or freed
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

// Run compiles what is to be warm, unless that lies on disk, and frees everything when ctx is done: no
// guest must run any more then.
func (s *Store) Run(ctx context.Context) error {
	s.warm(ctx)
	<-ctx.Done()
	return s.close()
}

func (s *Store) close() error {
	ctx := context.Background()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.coding.Lock()
	defer s.coding.Unlock()
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
