package ui

import (
	"math"
	"slices"
)

// settle moves the nodes of each column towards their neighbours, from both sides by
// turns, as far as their order and the room between them allow.
func (gr *graph) settle() {
	for _, layer := range gr.layers {
		y := 0.0
		for _, n := range layer {
			n.y = y + n.up
			y = n.y + n.down + gapNodes
		}
		for _, n := range layer {
			n.y -= (y - gapNodes) / 2
		}
	}
	for round := range 40 {
		for i := range gr.layers {
			layer := gr.layers[i]
			if round%2 == 1 {
				layer = gr.layers[len(gr.layers)-1-i]
			}
			want, weight := make([]float64, len(layer)), make([]float64, len(layer))
			for k, n := range layer {
				want[k], weight[k] = n.wants()
			}
			arrange(layer, want, weight)
		}
	}
	for range 4 {
		for _, l := range gr.links {
			gr.straighten(l.chain[1 : len(l.chain)-1])
		}
	}
}

// straighten brings the places where an edge passes to one height, as many of them in a
// row as the room above and below them allows.
func (gr *graph) straighten(chain []*node) {
	for len(chain) > 0 {
		low, high, sum, n := math.Inf(-1), math.Inf(1), 0.0, 0
		for _, c := range chain {
			from, to := gr.room(c)
			if max(low, from) > min(high, to) {
				break
			}
			low, high, sum, n = max(low, from), min(high, to), sum+c.y, n+1
		}
		n = max(n, 1)
		for _, c := range chain[:n] {
			c.y = min(high, max(low, sum/float64(n)))
		}
		chain = chain[n:]
	}
}

// room is how far a node can go up and down between its neighbours.
func (gr *graph) room(n *node) (from, to float64) {
	layer := gr.layers[n.rank]
	from, to = math.Inf(-1), math.Inf(1)
	if n.place > 0 {
		above := layer[n.place-1]
		from = min(n.y, above.y+apart(above, n))
	}
	if n.place < len(layer)-1 {
		below := layer[n.place+1]
		to = max(n.y, below.y-apart(n, below))
	}
	return from, to
}

// apart is how far the middles of two neighbours are from each other at least.
func apart(above, below *node) float64 {
	gap := float64(gapNodes)
	if above.edge != nil && below.edge != nil && !above.labelled && !below.labelled {
		gap /= 2 // nothing is written there
	}
	return above.down + gap + below.up
}

// wants is where a node would be if it were alone, and how much it matters: an edge that
// passes pulls harder, so that it is straight.
func (n *node) wants() (y, weight float64) {
	sum, all := 0.0, 0.0
	for _, b := range slices.Concat(n.prev, n.next) {
		w := 1.0
		if n.edge != nil && b.edge != nil {
			w = 4
		}
		sum += w * b.y
		all += w
	}
	if all == 0 {
		return n.y, 0.1
	}
	return sum / all, all
}

// arrange places a column's nodes as near to where they want to be as their order and
// their sizes allow: neighbours that would overlap go on as one.
func arrange(layer []*node, want, weight []float64) {
	type block struct{ sum, weight, y float64 }
	offset := make([]float64, len(layer))
	var blocks []block
	var sizes []int
	for i, n := range layer {
		if i > 0 {
			offset[i] = offset[i-1] + apart(layer[i-1], n)
		}
		b := block{weight: weight[i], sum: weight[i] * (want[i] - offset[i])}
		b.y = b.sum / b.weight
		blocks, sizes = append(blocks, b), append(sizes, 1)
		for k := len(blocks) - 1; k > 0 && blocks[k-1].y > blocks[k].y; k-- {
			m := block{weight: blocks[k-1].weight + blocks[k].weight, sum: blocks[k-1].sum + blocks[k].sum}
			m.y = m.sum / m.weight
			blocks, sizes = append(blocks[:k-1], m), append(sizes[:k-1], sizes[k-1]+sizes[k])
		}
	}
	i := 0
	for k, b := range blocks {
		for range sizes[k] {
			layer[i].y = b.y + offset[i]
			i++
		}
	}
}
