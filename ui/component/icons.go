package component

// strokes is an icon as the path of a pen on a field of 24 by 24.
func strokes(name string) string {
	if d, ok := icons()[name]; ok {
		return d
	}
	return "M12 12h.01"
}

// Icons are the names that Icon draws, in no order.
func Icons() []string {
	var names []string
	for name := range icons() {
		names = append(names, name)
	}
	return names
}

func icons() map[string]string {
	return map[string]string{
		OK:          "M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0M8 12.5l2.7 2.7L16 9.5",
		Warn:        "M12 3.5L2.5 20h19zM12 10v4.5M12 17.2h.01",
		Bad:         "M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0M9 9l6 6M15 9l-6 6",
		Busy:        "M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0M12 7v5l3.5 2",
		Off:         "M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0M8 12h8",
		"cluster":   "M12 3l7.8 4.5v9L12 21l-7.8-4.5v-9zM12 12l7.8-4.5M12 12v9M12 12L4.2 7.5",
		"resources": "M4 6h16M4 12h16M4 18h10",
		"lessons":   "M12 6.5C9 4.5 6 4.5 3.5 5.5v13c2.5-1 5.5-1 8.5 1c3-2 6-2 8.5-1v-13C18 4.5 15 4.5 12 6.500zM12 6.500v13",
		"terminal":  "M3.5 5h17v14h-17zM7 9.500l3 2.500l-3 2.500M12.5 15H17",
		"search":    "M17.5 11a6.5 6.5 0 1 1-13 0a6.5 6.5 0 0 1 13 0M16 16l4.5 4.5",
		"keyboard":  "M2.5 6.500h19v11h-19zM6 10h.01M10 10h.01M14 10h.01M18 10h.01M8 14h8",
		"leave":     "M14 4H5v16h9M10 12h11M17.5 8.500L21 12l-3.5 3.5",
		"close":     "M6 6l12 12M18 6L6 18",
		"copy":      "M9 9h11v11H9zM15 9V4H4v11h5",
		"paste":     "M9 5H5.500v16h13V5H15M9 3h6v4H9zM12 10.500v6.500M9 14.500l3 3l3-3",
		"play":      "M8 5l11 7l-11 7z",
		"edit":      "M4 20l1-4.500L16 4.500l3.5 3.500l-11 11zM13.5 7l3.5 3.5",
		"delete":    "M4.5 7h15M9.5 7V4h5v3M6.5 7l1 13h9l1-13M10.5 11v5.500M13.5 11v5.5",
		"scale":     "M4 20V10M10 20V4M16 20v-7M21 20H3",
		"restart":   "M19.5 12a7.5 7.5 0 1 1-2.5-5.600M19.5 3v4.500H15",
		"hint":      "M9 18h6M10 21h4M8.5 15c-4-3.5-3-11 3.5-11s7.5 7.5 3.5 11z",
		"lock":      "M5.5 11h13v9.500h-13zM8.5 11V7.500a3.5 3.5 0 0 1 7 0V11",
		"next":      "M5 12h14M13 6l6 6l-6 6",
		"back":      "M19 12H5M11 6l-6 6l6 6",
		"down":      "M6 9l6 6l6-6",
		"up":        "M6 15l6-6l6 6",
		"plus":      "M12 5v14M5 12h14",
		"minus":     "M5 12h14",
		"node":      "M4 5h16v6H4zM4 13h16v6H4zM7.5 8h.01M7.5 16h.01",
		"pod":       "M12 3l8 4.500v9L12 21l-8-4.500v-9z",
		"event":     "M12 3v3M12 18v3M3 12h3M18 12h3M15.5 12a3.5 3.5 0 1 1-7 0a3.5 3.5 0 0 1 7 0",
		"info":      "M21 12a9 9 0 1 1-18 0a9 9 0 0 1 18 0M12 11v5.500M12 7.800h.01",
		"download":  "M12 4v11M7 10.500l5 5l5-5M4.5 20h15",
		"upload":    "M12 15.5V4.500M7 9l5-5l5 5M4.5 20h15",
		"filter":    "M4 5h16l-6.5 7.500V19l-3 1.500v-8z",
		"log":       "M5 4h14v16H5zM8.5 8.500h7M8.5 12h7M8.5 15.500h4",
		"expand":    "M14 4h6v6M10 20H4v-6M20 4l-7 7M4 20l7-7",
	}
}
