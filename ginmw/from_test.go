package ginmw_test

import (
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/skugate/skugate/core"
	"github.com/skugate/skugate/ginmw"
)

func TestFromFindsWhatTheTestOfAHandlerPutThere(t *testing.T) {
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	if d, ok := ginmw.From(c); ok || d.Granted() {
		t.Errorf("without a request: %+v, %v", d, ok)
	}
	c.Request = httptest.NewRequest("GET", "/", nil)
	if d, ok := ginmw.From(c); ok || d.Granted() {
		t.Errorf("without a decision: %+v, %v", d, ok)
	}
	c.Request = c.Request.WithContext(core.NewContext(c.Request.Context(), core.Decision{Outcome: core.Granted, Product: vip}))
	if d, ok := ginmw.From(c); !ok || !d.Granted() || d.Product != vip {
		t.Errorf("got %+v, %v", d, ok)
	}
}
