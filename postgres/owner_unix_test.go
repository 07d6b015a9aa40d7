//go:build unix

package postgres

import (
	"errors"
	osuser "os/user"
	"testing"
)

func TestWhoTheServerOfRootRunsAs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		users map[string]string
		want  int
	}{
		{map[string]string{"postgres": "101", "nobody": "65534"}, 101},
		{map[string]string{"nobody": "65534"}, 65534},
	} {
		got, err := unprivileged(lookup(c.users))
		if err != nil || got.uid != c.want || got.gid != c.want || !got.drop {
			t.Errorf("with %v it is %+v (%v)", c.users, got, err)
		}
	}
	if _, err := unprivileged(lookup(nil)); err == nil {
		t.Error("there is none to run as, and no error")
	} else {
		wantWords(t, err.Error(), "postgres", "nobody", "ordinary user")
	}
}

func lookup(users map[string]string) func(string) (*osuser.User, error) {
	return func(name string) (*osuser.User, error) {
		id, there := users[name]
		if !there {
			return nil, errors.New("no such user")
		}
		return &osuser.User{Uid: id, Gid: id, Username: name}, nil
	}
}
