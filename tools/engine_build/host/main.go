// Command host is what a built engine starts as its Python language host: it starts the real one
// with the options that the project has for Python.
//
// An engine of today tells the options with each request. This host, of SDK v3.79.0, takes them as
// flags when it starts, as the engines of its time gave them, and does not look at the requests.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"gopkg.in/yaml.v3"
)

func main() {
	err := start()
	fmt.Fprintln(os.Stderr, err) // who has started the host is no longer here
	os.Exit(1)
}

func start() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if self, err = filepath.EvalSymlinks(self); err != nil {
		return err
	}
	options, err := flags()
	if err != nil {
		return err
	}
	host := self + "-host"
	arguments := append(append([]string{host}, options...), os.Args[1:]...)
	return fmt.Errorf("%s does not start: %w", host, syscall.Exec(host, arguments, os.Environ()))
}

// flags returns what the host is to know of the project in whose folder, or below, the engine
// starts it. There is no project for `pulumi new`, for example.
func flags() ([]string, error) {
	path, err := workspace.DetectProjectPath()
	if errors.Is(err, workspace.ErrProjectNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var project struct {
		Runtime workspace.ProjectRuntimeInfo `yaml:"runtime"`
	}
	if err := yaml.Unmarshal(text, &project); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	if project.Runtime.Name() != "python" {
		return nil, nil
	}
	options := project.Runtime.Options()
	if err := refuse(path, options); err != nil {
		return nil, err
	}
	virtualenv, _ := options["virtualenv"].(string)
	return []string{"-root", filepath.Dir(path), "-virtualenv", virtualenv}, nil
}

// refuse tells of an option that the host does not know, and would leave out without a word.
func refuse(path string, options map[string]interface{}) error {
	_, isText := options["virtualenv"].(string)
	for _, name := range []string{"toolchain", "typechecker", "virtualenv"} {
		value, given := options[name]
		if !given || name == "toolchain" && value == "pip" || name == "virtualenv" && isText {
			continue
		}
		return fmt.Errorf(
			"The engine that make builds cannot do `%s: %v` of %s: "+
				"take that option out, or install Pulumi: https://www.pulumi.com/docs/install/",
			name, value, path)
	}
	return nil
}
