// Package chrometest runs Debian's Chromium for tests that look at pages as a person
// does. The browser is installed when it is missing, sends nothing anywhere but to this
// machine, and ends with the tests.
package chrometest

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// path is where Debian's package puts the browser.
const path = "/usr/bin/chromium"

// Install installs the browser when it is missing.
func Install(ctx context.Context) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	const wait = "DPkg::Lock::Timeout=300" // another test may be installing something
	for _, args := range [][]string{{"-o", wait, "update", "-q"}, {"-o", wait, "install", "-qy", "--no-install-recommends", "chromium"}} {
		cmd := exec.CommandContext(ctx, "apt-get", args...)
		if os.Getuid() != 0 {
			cmd = exec.CommandContext(ctx, "sudo", append([]string{"apt-get"}, args...)...)
		}
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s is missing and cannot be installed (%v): %w\n%s", path, args, err, out)
		}
	}
	return nil
}

// Start starts a browser whose profile is in dir, and answers a context to make pages
// in; stop ends it. Chromium's own first errands are switched off, and every name but
// this machine's leads nowhere, so that a page which asks for another host is heard and
// not served.
func Start(ctx context.Context, dir string) (browser context.Context, stop func(), err error) {
	if err := Install(ctx); err != nil {
		return nil, nil, err
	}
	allocator, end := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(dir), chromedp.WindowSize(1280, 1500),
		chromedp.NoSandbox, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"), chromedp.Flag("no-proxy-server", true))...)
	browser, cancel := chromedp.NewContext(allocator)
	if err := chromedp.Run(browser); err != nil {
		cancel()
		end()
		return nil, nil, fmt.Errorf("the browser does not start: %w", err)
	}
	return browser, func() {
		_ = chromedp.Cancel(browser) // in order: it may have ended already
		cancel()
		end()
	}, nil
}
