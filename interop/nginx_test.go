package interop

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// nginxOn publishes a tree to a folder and starts nginx on that by the configuration that host-config writes for it.
func (i issuing) nginxOn(t *testing.T) (address, public string) {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if nginx = "/usr/sbin/nginx"; exec.Command(nginx, "-v").Run() != nil {
			missing(t, "nginx is not installed: install the package nginx-light")
		}
	}
	dir, err := os.MkdirTemp("", "laurel-nginx-") // its workers may be another user, who cannot see into t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	public = filepath.Join(dir, "www")
	run(t, 0, "certgen", "publish", "--public", i.public, "--to", public)
	address = freeAddress(t)
	site := run(t, 0, "certgen", "host-config", "nginx", "--public", public, "--listen", address, "--base-url", base)
	conf := fmt.Sprintf("pid %[1]s/pid;\nerror_log stderr crit;\ndaemon off;\nworker_processes 1;\nevents {}\nhttp {\naccess_log off;\nclient_body_temp_path %[1]s/1;\nproxy_temp_path %[1]s/2;\nfastcgi_temp_path %[1]s/3;\nuwsgi_temp_path %[1]s/4;\nscgi_temp_path %[1]s/5;\n%[2]s}\n", dir, site)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	background(t, exec.Command(nginx, "-c", file, "-e", "stderr"))
	reachable(t, address)
	return address, public
}

// green complains where check-host finds anything wrong.
func (i issuing) green(t *testing.T, address string) {
	t.Helper()
	out := run(t, 0, "certgen", "check-host", "http://"+address, "--number", i.numbers(t)[0])
	for _, want := range []string{"checkpoint: text/plain", "freshness: size", "log tile: application/octet-stream", "PDF: application/pdf", "404 with the site's page", "verification: valid", ", 0 problems"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestNginxWithTheGeneratedConfigurationIsGreen(t *testing.T) {
	i := newIssuing(t)
	i.issue(t, 0, 2)
	address, _ := i.nginxOn(t)
	i.green(t, address)
}

// ask fetches a file as a browser that takes an encoding, or none.
func ask(t *testing.T, url, encoding string) (body []byte, h http.Header) {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if encoding != "" {
		request.Header.Set("Accept-Encoding", encoding)
	}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err = io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, answer.Status, err)
	}
	return body, answer.Header
}

func TestNginxHandsOutWhatLiesCompressedBesideAFile(t *testing.T) {
	i := newIssuing(t)
	settings := "public: ../public\nprecompress: [gz]\n"
	if err := os.WriteFile(filepath.Join(i.data, "certd.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	i.issue(t, 0, 2)
	run(t, 0, "certgen", "build", "--public", i.public)
	run(t, 0, "certgen", "check", "--public", i.public)
	address, public := i.nginxOn(t)
	i.green(t, address)
	page := "c/" + i.numbers(t)[0] + "/"
	for asked, path := range map[string]string{
		page: page + "index.html", page + "credential.json": page + "credential.json", "": "index.html",
		"status/revocation/0.json": "status/revocation/0.json", "site.json": "site.json",
	} {
		plain, h := ask(t, "http://"+address+"/"+asked, "")
		if want, err := os.ReadFile(filepath.Join(public, path)); err != nil || !bytes.Equal(plain, want) || h.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d bytes, %q, %v", path, len(plain), h, err)
		}
		typ := h.Get("Content-Type")
		packed, h := ask(t, "http://"+address+"/"+asked, "gzip")
		want, err := os.ReadFile(filepath.Join(public, path+".gz"))
		if err != nil || !bytes.Equal(packed, want) || h.Get("Content-Encoding") != "gzip" || h.Get("Content-Type") != typ || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s: %d bytes of %d, %q, %v", path, len(packed), len(want), h, err)
		}
		t.Logf("%s: %d bytes, compressed %d", path, len(plain), len(packed))
	}
	sameFolder(t, i.public, public)
}

func TestAnObjectStoreGetsNothingThatLiesCompressed(t *testing.T) {
	s, i := startStore(t), newIssuing(t)
	i.issue(t, 0, 1)
	run(t, 0, "certgen", "build", "--public", i.public, "--precompress", "gz,br")
	for _, args := range [][]string{{"--dry-run"}, nil} {
		out := run(t, 0, "certgen", append([]string{"publish", "--public", i.public, "--to", to(s.address)}, args...)...)
		if !strings.Contains(out, "compressed files (.gz, .br) of "+i.public+" stay at home") || strings.Contains(out, ".html.gz") {
			t.Errorf("%q: %s", args, out)
		}
	}
	run(t, 0, "certgen", "build", "--public", i.public, "--precompress", "none")
	sameFolder(t, i.public, s.bucket)
}
