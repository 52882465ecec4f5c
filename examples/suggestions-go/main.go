// What else goes with an article or a product. The answers are those of services/suggestions.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

const (
	longestID  = 100
	longestIDs = 50_000
	grace      = 5 * time.Second
)

var (
	ids    = regexp.MustCompile(`^[A-Za-z0-9_.:,-]*$`)
	digits = regexp.MustCompile(`^[0-9]+$`)
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	suggestions, err := readSuggestions(setting("ACME_MOCKS", filepath.Join("..", "..", "mocks")))
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(setting("HOST", "127.0.0.1"), setting("SUGGESTIONS_PORT", "8002")))
	if err != nil {
		return err
	}
	shutdown, err := startTelemetry(ctx)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: serverSpans(routes(suggestions)), ReadHeaderTimeout: grace}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		// Answers what has arrived, then sends the spans that are still here.
		last, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		stopped <- errors.Join(server.Shutdown(last), shutdown(last))
	}()
	log.InfoContext(ctx, fmt.Sprintf("suggestions, in Go, listens at http://%s", listener.Addr()))
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func setting(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// readSuggestions returns what goes with an article, by its id, and with a product, by its own.
func readSuggestions(folder string) (map[string][]string, error) {
	content, err := os.ReadFile(filepath.Join(folder, "suggestions.json"))
	if err != nil {
		return nil, err
	}
	var mocks struct{ Suggestions, Products map[string][]string }
	if err := json.Unmarshal(content, &mocks); err != nil {
		return nil, err
	}
	found := mocks.Suggestions
	for id, suggested := range mocks.Products {
		found[id] = suggested
	}
	return found, nil
}

func routes(suggestions map[string][]string) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", health("alive"))
	mux.HandleFunc("GET /readyz", health("ready"))
	mux.HandleFunc("GET /suggestions/v1/{$}", func(w http.ResponseWriter, r *http.Request) {
		given := r.URL.Query()["ids"]
		if len(given) == 0 || len(given[len(given)-1]) > longestIDs || !ids.MatchString(given[len(given)-1]) {
			refuse(w, http.StatusBadRequest, "bad_request", "ids: ids of articles or products are wanted, with commas")
			return
		}
		found := map[string][]string{}
		for _, id := range strings.Split(given[len(given)-1], ",") {
			found[id] = append([]string{}, suggestions[id]...)
		}
		write(w, http.StatusOK, found)
	})
	mux.HandleFunc("GET /suggestions/v1/{thing_id}", func(w http.ResponseWriter, r *http.Request) {
		id := r.PathValue("thing_id")
		found, known := suggestions[id]
		switch {
		case len([]rune(id)) > longestID:
			detail := fmt.Sprintf("thing_id: at most %d characters are allowed", longestID)
			refuse(w, http.StatusBadRequest, "bad_request", detail)
		case !known:
			refuse(w, http.StatusNotFound, "not_found", fmt.Sprintf("no %s %s", kindOf(id), id))
		default:
			log.InfoContext(r.Context(), fmt.Sprintf("%d suggestions for %s", len(found), id))
			write(w, http.StatusOK, found)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotFound, "not_found", fmt.Sprintf("%s %s: Not Found", r.Method, r.URL.Path))
	})
	return mux
}

// kindOf tells articles, which are numbered, from products, which have names.
func kindOf(id string) string {
	if digits.MatchString(id) {
		return "article"
	}
	return "product"
}

func health(status string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusOK, map[string]string{"service": "suggestions", "status": status})
	}
}

// refuse answers an error in the one shape that callers read.
func refuse(w http.ResponseWriter, status int, kind, detail string) {
	write(w, status, map[string]string{"error": kind, "detail": detail})
}

func write(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(content) // the caller has hung up: nobody is left to be told
}
