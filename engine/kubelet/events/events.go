package events

// Upstream: pkg/kubelet/events/event.go

// Reasons of events about containers.
const (
	CreatedContainer        = "Created"
	StartedContainer        = "Started"
	FailedToCreateContainer = "Failed"
	FailedToStartContainer  = "Failed"
	KillingContainer        = "Killing"
	BackOffStartContainer   = "BackOff"
	ContainerUnhealthy      = "Unhealthy"
	ContainerProbeWarning   = "ProbeWarning"
	FailedPostStartHook     = "FailedPostStartHook"
	FailedPreStopHook       = "FailedPreStopHook"
)

// Reasons of events about images.
const (
	PullingImage            = "Pulling"
	PulledImage             = "Pulled"
	FailedToPullImage       = "Failed"
	FailedToInspectImage    = "InspectFailed"
	ErrImageNeverPullPolicy = "ErrImageNeverPull"
	BackOffPullImage        = "BackOff"
)

// Reasons of events about pods.
const (
	FailedToKillPod                = "FailedKillPod"
	FailedToMakePodDataDirectories = "Failed"
	NetworkNotReady                = "NetworkNotReady"
	FailedMountVolume              = "FailedMount"
	SandboxChanged                 = "SandboxChanged"
	FailedCreatePodSandBox         = "FailedCreatePodSandBox"
	FailedStatusPodSandBox         = "FailedPodSandBoxStatus"
	FailedSync                     = "FailedSync"
	FailedValidation               = "FailedValidation"
)

// Reasons of events about the node.
const (
	NodeReady          = "NodeReady"
	NodeNotReady       = "NodeNotReady"
	NodeSchedulable    = "NodeSchedulable"
	NodeNotSchedulable = "NodeNotSchedulable"
	NodeRebooted       = "Rebooted"
	StartingKubelet    = "Starting"
)
