package interaction_test

import (
	"net/http"
	"testing"

	"qm-compliance/media/interaction"
	"qm-compliance/media/interaction/interactiontest"
)

// TestTryHasNoEffect asks a service that is well, and in every kind of trouble, whether it takes requests: it never takes
// one by that.
func TestTryHasNoEffect(t *testing.T) {
	t.Parallel()
	service := interactiontest.New(t)
	client, err := interaction.NewClient(interaction.Options{URL: service.URL(), Token: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for status, well := range map[int]bool{
		0: true, http.StatusBadRequest: true, http.StatusUnprocessableEntity: true, http.StatusAccepted: true,
		http.StatusUnauthorized: false, http.StatusForbidden: false, http.StatusNotFound: false, http.StatusTooManyRequests: false,
		http.StatusInternalServerError: false, http.StatusServiceUnavailable: false, http.StatusMovedPermanently: false,
	} {
		service.Behave()
		if status != 0 {
			service.Fail(status, 0)
		}
		if err := client.Try(t.Context()); (err == nil) != well {
			t.Errorf("status %d: %v", status, err)
		}
	}
	if got := service.Deliveries(); len(got) != 0 {
		t.Errorf("the service has taken %v", got)
	}
	service.Stop()
	if err := client.Try(t.Context()); err == nil {
		t.Error("a service that is stopped is called well")
	}
}
