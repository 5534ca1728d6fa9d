// Rendezvous in Go: a goroutine serves requests that bring the channel of their reply.
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"
)

type request struct {
	value int
	reply chan int
}

func callOften(ask chan request, times int) {
	reply := make(chan int)
	for i := 0; i < times; i++ {
		ask <- request{1, reply}
		<-reply
	}
}

func oneArm(times int) {
	ask := make(chan request)
	go func() {
		for r := range ask {
			r.reply <- r.value + 1
		}
	}()
	callOften(ask, times)
	close(ask)
}

func fourArms(times int) {
	var ask [4]chan request
	for i := range ask {
		ask[i] = make(chan request)
	}
	stop := make(chan bool)
	go func() {
		for {
			select {
			case r := <-ask[0]:
				r.reply <- r.value + 1
			case r := <-ask[1]:
				r.reply <- r.value + 1
			case r := <-ask[2]:
				r.reply <- r.value + 1
			case r := <-ask[3]:
				r.reply <- r.value + 1
			case <-stop:
				return
			}
		}
	}()
	callOften(ask[2], times)
	stop <- true
}

func items(pairs int) func(int) {
	return func(times int) {
		deposit := make(chan int)
		fetch := make(chan int)
		stop := make(chan bool)
		go func() {
			var kept []int
			for {
				in, out, first := deposit, fetch, 0
				if len(kept) == 16 {
					in = nil
				}
				if len(kept) == 0 {
					out = nil
				} else {
					first = kept[0]
				}
				select {
				case item := <-in:
					kept = append(kept, item)
				case out <- first:
					kept = kept[1:]
				case <-stop:
					return
				}
			}
		}()
		var all sync.WaitGroup
		for i := 0; i < pairs; i++ {
			all.Add(2)
			go func() {
				for k := 0; k < times/pairs; k++ {
					deposit <- 1
				}
				all.Done()
			}()
			go func() {
				for k := 0; k < times/pairs; k++ {
					<-fetch
				}
				all.Done()
			}()
		}
		all.Wait()
		stop <- true
	}
}

func monitor(times int) {
	var m sync.Mutex
	sum := 0
	for i := 0; i < times; i++ {
		m.Lock()
		sum++
		m.Unlock()
	}
}

func semaphore(times int) {
	units := make(chan bool, 1)
	units <- true
	for i := 0; i < times; i++ {
		<-units
		units <- true
	}
}

func processEach(times int) {
	var all sync.WaitGroup
	all.Add(times)
	for i := 0; i < times; i++ {
		go all.Done()
	}
	all.Wait()
}

func main() {
	rows := map[string]func(int){
		"one-arm": oneArm, "four-arms": fourArms, "buffer-1-1": items(1), "buffer-4-4": items(4),
		"monitor": monitor, "semaphore": semaphore, "process": processEach,
	}
	row, known := rows[os.Args[1]]
	if !known {
		fmt.Fprintln(os.Stderr, "usage: go_rows ROW MILLISECONDS")
		os.Exit(2)
	}
	milliseconds, _ := strconv.Atoi(os.Args[2])
	for times := 1000; ; times *= 2 {
		begin := time.Now()
		row(times)
		if took := time.Since(begin); took >= time.Duration(milliseconds)*time.Millisecond {
			fmt.Printf("%.1f\n", float64(took.Nanoseconds())/float64(times))
			return
		}
	}
}
