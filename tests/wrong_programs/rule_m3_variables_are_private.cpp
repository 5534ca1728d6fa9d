// says within 10 lines: private
#include <tryst/rendezvous/in.hpp>

class counter : public tryst::module {
public:
  tryst::op<void(int)> add{this};

private:
  int sum_ = 0;
};

int look_into(counter& of) { return of.sum_; }  // here
