package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
)

// process is a running daemon.
type process struct {
	cmd  *exec.Cmd
	addr string
	log  string // path of what it wrote to stderr
	done chan struct{}
	err  error // of Wait, once done is closed
	once sync.Once
}

// launch starts certd serve in dir, without waiting for it.
func launch(dir, log string, args ...string) (*process, error) {
	f, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cmd := exec.Command(program("certd"), append([]string{"serve"}, args...)...)
	cmd.Dir, cmd.Stderr = dir, f
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, log: log, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// ready waits until the daemon says that it listens.
func (p *process) ready() error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if p.addr = p.listening(); p.addr != "" {
			return nil
		}
		select {
		case <-p.done:
			log, _ := os.ReadFile(p.log)
			return fmt.Errorf("certd serve ended before it listened: %v\n%s", p.err, log)
		default:
		}
	}
	return errors.New("certd serve does not listen after a minute")
}

func (p *process) listening() string {
	f, err := os.Open(p.log)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var line struct{ Msg, Addr string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "listening" {
			return line.Addr
		}
	}
	return ""
}

// end sends a signal and waits for the process to end.
func (p *process) end(sig os.Signal) error {
	p.once.Do(func() { _ = p.cmd.Process.Signal(sig) })
	select {
	case <-p.done:
		return p.err
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Kill()
		return fmt.Errorf("certd serve does not end a minute after %v", sig)
	}
}
