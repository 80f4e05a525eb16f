// A judge of logs that shares no line with the hub: golang.org/x/mod, which the go command itself trusts.
//
// Usage: log_judge FOLDER VERIFIER_KEY OLD_CHECKPOINT. The folder holds `checkpoint` and tile/... as the hub serves them. It checks the
// note's signature, every tile on the way against the signed root, that each leaf's entry is in the tree, and that the
// older checkpoint's tree is the beginning of it. It prints the sizes.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type folder string

func path(t tlog.Tile) string {
	number, rest := fmt.Sprintf("%03d", t.N%1000), t.N/1000
	for rest > 0 {
		number = fmt.Sprintf("x%03d/%s", rest%1000, number)
		rest /= 1000
	}
	if t.W < 256 {
		number += ".p/" + strconv.Itoa(t.W)
	}
	return fmt.Sprintf("tile/%d/%s", t.L, number)
}

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, t := range tiles {
		one, err := os.ReadFile(filepath.Join(string(f), path(t)))
		if err != nil {
			return nil, err
		}
		data = append(data, one)
	}
	return data, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func tree(file string, key string) tlog.Tree {
	text, err := os.ReadFile(file)
	must(err)
	verifier, err := note.NewVerifier(key)
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	var hash tlog.Hash
	copy(hash[:], root)
	return tlog.Tree{N: size, Hash: hash}
}

func main() {
	home, key := folder(os.Args[1]), os.Args[2]
	newest, old := tree(filepath.Join(string(home), "checkpoint"), key), tree(os.Args[3], key)
	reader := tlog.TileHashReader(newest, home)
	for n := int64(0); n < newest.N; n += 256 {
		width := newest.N - n
		name := fmt.Sprintf("%03d", n/256)
		if width < 256 {
			name += ".p/" + strconv.FormatInt(width, 10)
		} else {
			width = 256
		}
		bundle, err := os.ReadFile(filepath.Join(string(home), "tile/entries", name))
		must(err)
		for at, place := 0, n; place < n+width; place++ {
			length := int(bundle[at])<<8 + int(bundle[at+1])
			entry := bundle[at+2 : at+2+length]
			at += 2 + length
			proof, err := tlog.ProveRecord(newest.N, place, reader)
			must(err)
			must(tlog.CheckRecord(proof, newest.N, newest.Hash, place, tlog.RecordHash(entry)))
		}
	}
	proof, err := tlog.ProveTree(newest.N, old.N, reader)
	must(err)
	must(tlog.CheckTree(proof, newest.N, newest.Hash, old.N, old.Hash))
	fmt.Println(old.N, newest.N)
}
