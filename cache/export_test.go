package cache

import "time"

// StepWall makes the wall clock seem to have been set forward by d since it was last looked at.
func StepWall(d time.Duration) {
	o := *apart.Load()
	o.apart -= int64(d)
	apart.Store(&o)
}
