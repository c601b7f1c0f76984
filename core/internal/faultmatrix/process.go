package faultmatrix

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// resources are what a process holds.
type resources struct {
	goroutines, files int
	memory            int // resident, KiB
}

func (h *Host) resources() (resources, error) {
	var r resources
	m, err := h.Metrics()
	if err != nil {
		return r, err
	}
	r.goroutines = m.Sum("go_goroutines")
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", h.cmd.Process.Pid))
	if err != nil {
		return r, err
	}
	r.files = len(files)
	r.memory, err = h.status("VmRSS")
	return r, err
}

// Memory is what the process has resident, in KiB.
func (h *Host) Memory() (int, error) { return h.status("VmRSS") }

// PeakMemory is the most that the process ever had resident, in KiB.
func (h *Host) PeakMemory() (int, error) { return h.status("VmHWM") }

func (h *Host) status(field string) (int, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", h.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			return strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
		}
	}
	return 0, fmt.Errorf("the process has no %s", field)
}
