package controller

import (
	"errors"
	"sync/atomic"
	"testing"
)

func TestSlowStart(t *testing.T) {
	refused := errors.New("exceeded quota")
	for _, tt := range []struct {
		name               string
		count, room        int
		calls, done        int
		wantErr, unlimited bool
	}{
		{name: "nothing to do"},
		{name: "all succeed", count: 10, unlimited: true, calls: 10, done: 10},
		{name: "the first is refused", count: 500, calls: 1, wantErr: true},
		{name: "the sixth is refused", count: 500, room: 5, calls: 7, done: 5, wantErr: true}, // 1 + 2 + 4
	} {
		t.Run(tt.name, func(t *testing.T) {
			var calls atomic.Int32
			done, err := SlowStart(tt.count, func() error {
				if n := calls.Add(1); !tt.unlimited && int(n) > tt.room {
					return refused
				}
				return nil
			})
			if int(calls.Load()) != tt.calls || done != tt.done || (err != nil) != tt.wantErr {
				t.Errorf("%d calls, %d done, error %v; want %d, %d, %v", calls.Load(), done, err, tt.calls, tt.done, tt.wantErr)
			}
		})
	}
}
