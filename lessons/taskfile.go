package lessons

import "go.yaml.in/yaml/v3"

// taskFile is task.yaml as it is written.
type taskFile struct {
	ID        word       `yaml:"id"`
	Namespace word       `yaml:"namespace"`
	Minutes   int        `yaml:"minutes"`
	Presets   yaml.Node  `yaml:"presets"` // by component, flags with values
	Setup     []word     `yaml:"setup"`
	Steps     []stepFile `yaml:"steps"`
}

type stepFile struct {
	ID      word         `yaml:"id"`
	Kind    word         `yaml:"kind"`
	Goal    word         `yaml:"goal"`
	Predict *predictFile `yaml:"predict"`
	Ask     *askFile     `yaml:"ask"`
	Setup   []word       `yaml:"setup"`
	Files   []word       `yaml:"files"`
	Checks  []checkFile  `yaml:"checks"`
	Undone  word         `yaml:"undone"` // by a later step, whose id it is
}

type predictFile struct {
	ID            word            `yaml:"id"`
	Choices       []word          `yaml:"choices"`
	Right         word            `yaml:"right"`
	Graded        word            `yaml:"graded"`
	Misconception map[string]word `yaml:"misconception"`
}

type askFile struct {
	Kind      word            `yaml:"kind"`
	Accept    word            `yaml:"accept"`
	Otherwise []otherwiseFile `yaml:"otherwise"`
}

type checkFile struct {
	ID        word            `yaml:"id"`
	Watch     []word          `yaml:"watch"`
	Expr      word            `yaml:"expr"`
	Probe     *probeFile      `yaml:"probe"`
	Otherwise []otherwiseFile `yaml:"otherwise"`
}

type probeFile struct {
	HTTP *httpFile `yaml:"http"`
	Exec *execFile `yaml:"exec"`
}

// httpFile and execFile may use {{CEL}} over ns and the watched resources.
type httpFile struct {
	URL word `yaml:"url"`
}

type execFile struct {
	Pod       word   `yaml:"pod"`
	Container word   `yaml:"container"`
	Command   []word `yaml:"command"`
}

type otherwiseFile struct {
	When word `yaml:"when"`
	Say  word `yaml:"say"`
}
