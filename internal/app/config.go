package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"demarc/internal/db"
	"demarc/internal/marketplace/marketplacehttp"
	"demarc/internal/seal"
)

// Config is everything that can be set, by flag, environment or file; the zero
// value of each field has a sensible meaning.
type Config struct {
	Data      string `help:"Directory of the database file and of quickstart.env." default:"./data" env:"DEMARC_DATA" placeholder:"DIR"`
	Listen    string `help:"Address to serve on." default:"127.0.0.1:8080" env:"DEMARC_LISTEN" placeholder:"HOST:PORT"`
	DB        string `help:"Database: postgres://… for many nodes; without it, a SQLite file in the data directory." env:"DEMARC_DB" placeholder:"URL"`
	PublicURL string `help:"Where clients reach this server, when that is not the address they send to (behind a proxy)." env:"DEMARC_PUBLIC_URL" placeholder:"URL"`

	AllowWebhooksTo  []string      `help:"Private ranges that webhooks may be sent to. Without it: loopback, when the server itself listens on loopback and has no public URL." env:"DEMARC_ALLOW_WEBHOOKS_TO" placeholder:"CIDR"`
	NetworkURL       string        `help:"Controller of the network that production orders change; without it, and in sandboxes, the embedded reference network." env:"DEMARC_NETWORK_URL" placeholder:"URL"`
	CareURL          string        `help:"Billing systems that production care calls ask, at URL/v1/PR/billingAccount/ and so on; without it, and in sandboxes, the embedded ones." env:"DEMARC_CARE_URL" placeholder:"URL"`
	AddressURL       string        `help:"Address service that production PreOrder calls ask; without it, and in sandboxes, the embedded one." env:"DEMARC_ADDRESS_URL" placeholder:"URL"`
	LoopQualURL      string        `name:"loopqual-url" help:"The same for LoopQual." env:"DEMARC_LOOPQUAL_URL" placeholder:"URL"`
	CatalogURL       string        `help:"The same for the catalogue." env:"DEMARC_CATALOG_URL" placeholder:"URL"`
	CreditURL        string        `help:"The same for authentication and credit." env:"DEMARC_CREDIT_URL" placeholder:"URL"`
	NumberAdminURL   string        `help:"Number administration that production Voice calls and orders ask; without it, and in sandboxes, the embedded one." env:"DEMARC_NUMBER_ADMIN_URL" placeholder:"URL"`
	VoiceCreditURL   string        `help:"The same for the credit of voice orders." env:"DEMARC_VOICE_CREDIT_URL" placeholder:"URL"`
	LNPGatewayURL    string        `name:"lnp-gateway-url" help:"Gateway to the carriers that production numbers are ported from; without it, the carrier desk answers for them." env:"DEMARC_LNP_GATEWAY_URL" placeholder:"URL"`
	VoiceProviderURL string        `help:"Providers of directory listings, E911 and CNAM that learn of production numbers in service; without it, and in sandboxes, nobody does." env:"DEMARC_VOICE_PROVIDER_URL" placeholder:"URL"`
	CarrierName      string        `help:"The carrier's name in PreOrder's messages; without it, the published texts as they are." env:"DEMARC_CARRIER_NAME" placeholder:"NAME"`
	CarrierPhone     string        `help:"Telephone number in PreOrder's messages." default:"800-555-0199" env:"DEMARC_CARRIER_PHONE" placeholder:"NUMBER"`
	KeyFile          string        `help:"File of the keys that seal secrets in the database; every node needs the same (default: demarc.key in the data directory, made when it is missing)." env:"DEMARC_KEY_FILE" placeholder:"FILE"`
	UpdatePath       string        `help:"Path at which SaaS providers tell of their subscriptions, told to them at onboarding." default:"/update-subscription/" env:"DEMARC_UPDATE_PATH" placeholder:"PATH"`
	TokenTTL         time.Duration `help:"How long an access token lives, on its world's clock." default:"1799s" env:"DEMARC_TOKEN_TTL"`
	Rate             float64       `help:"Requests a second that one production application may make; 0: any number." default:"200" env:"DEMARC_RATE"`
	SandboxRate      float64       `help:"The same for sandbox applications." default:"0" env:"DEMARC_SANDBOX_RATE"`
	InFlight         int64         `help:"Requests at once before further ones are answered 503." default:"2048" env:"DEMARC_IN_FLIGHT"`
	Workers          int           `help:"Pieces of due work at once." default:"16" env:"DEMARC_WORKERS"`
	Connections      int           `help:"PostgreSQL connections of this node." default:"24" env:"DEMARC_CONNECTIONS"`
	Drain            time.Duration `help:"How long a stopping server waits for requests in flight." default:"15s" env:"DEMARC_DRAIN"`
	LogLevel         string        `help:"debug (with every request), info, warn or error." default:"info" enum:"debug,info,warn,error" env:"DEMARC_LOG_LEVEL"`
	LogFormat        string        `help:"text or json." default:"text" enum:"text,json" env:"DEMARC_LOG_FORMAT"`

	Version string `kong:"-"`
	NoGroup bool   `kong:"-"` // for benchmarks: SQLite commits each unit by itself
}

// DatabaseURL is the database that the configuration means.
func (c *Config) DatabaseURL() (string, error) {
	if c.DB != "" {
		return c.DB, nil
	}
	path, err := filepath.Abs(filepath.Join(c.Data, "demarc.db"))
	return "sqlite:" + path, err
}

// updatePath is what a provider can be told to call.
var updatePath = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/$`)

// KeyRing reads the keys that seal secrets in a database. The first start makes them;
// later a missing file is an error, and no other one takes its place.
func (c *Config) KeyRing(ctx context.Context, d *db.DB) (*seal.Ring, error) {
	path := c.KeyFile
	if path == "" {
		path = filepath.Join(c.Data, "demarc.key")
	}
	used, err := seal.Used(ctx, d)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); used && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no key file %s, and secrets in this database are sealed with one: put it there, or name it with --key-file", path)
	}
	keys, err := seal.OpenFile(path)
	if err != nil {
		return nil, err
	}
	return keys, keys.Known(ctx, d)
}

// check finds mistakes that would otherwise show late.
func (c *Config) check() error {
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		return fmt.Errorf("--listen %q: must be HOST:PORT", c.Listen)
	}
	if c.PublicURL != "" {
		u, err := url.Parse(c.PublicURL)
		if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
			return fmt.Errorf("--public-url %q: must be http(s)://host", c.PublicURL)
		}
		c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	}
	if c.TokenTTL < time.Second || c.TokenTTL > 24*time.Hour {
		return errors.New("--token-ttl: must be from 1s to 24h")
	}
	if c.UpdatePath == "" {
		c.UpdatePath = marketplacehttp.DefaultUpdatePath
	}
	if c.UpdatePath = strings.TrimRight(c.UpdatePath, "/") + "/"; !updatePath.MatchString(c.UpdatePath) {
		return fmt.Errorf("--update-path %q: must be a path such as /update-subscription/", c.UpdatePath)
	}
	return nil
}

// privateRanges is where webhooks may go beside public addresses.
func (c *Config) privateRanges() ([]netip.Prefix, error) {
	list := c.AllowWebhooksTo
	if list == nil && c.PublicURL == "" && loopback(c.Listen) {
		list = []string{"127.0.0.0/8", "::1/128"}
	}
	var ranges []netip.Prefix
	for _, text := range list {
		p, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("--allow-webhooks-to %q: must be a range such as 10.0.0.0/8", text)
		}
		ranges = append(ranges, p)
	}
	return ranges, nil
}

func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
