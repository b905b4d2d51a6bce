// Command work is a guest that exercises the CPU: work NAME N.
package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strconv"
)

var work = map[string]func(n int) int{"sha256": hash, "sieve": sieve, "fib": fib, "sort": sort, "copy": move}

func main() {
	n, _ := strconv.Atoi(os.Args[2])
	fmt.Println(work[os.Args[1]](n))
}

func hash(n int) int {
	s := sha256.Sum256(make([]byte, n))
	return int(s[0])
}

func sieve(n int) (primes int) {
	composite := make([]bool, n)
	for i := 2; i < n; i++ {
		if composite[i] {
			continue
		}
		primes++
		for j := i * i; j < n; j += i {
			composite[j] = true
		}
	}
	return primes
}

func fib(n int) int {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func sort(n int) int {
	s := make([]int, n)
	x := uint32(1)
	for i := range s {
		x = x*1664525 + 1013904223
		s[i] = int(x >> 8)
	}
	slices.Sort(s)
	return s[n/2]
}

func move(n int) int {
	from, to := make([]byte, 4096), make([]byte, 4096)
	for i := range n {
		from[i%4096]++
		copy(to[:64+i%64], from)
	}
	return int(to[9])
}
