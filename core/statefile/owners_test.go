package statefile_test

import (
	"testing"

	"github.com/skugate/skugate/core/gatetest"
	"github.com/skugate/skugate/core/statefile"
)

func TestOwners(t *testing.T) {
	kept(gatetest.RunOwners, (*statefile.File).Owners)(t)
}
