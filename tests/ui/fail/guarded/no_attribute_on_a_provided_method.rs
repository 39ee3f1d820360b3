use gatevault::guarded;

#[guarded]
trait Office {
    fn open(&self);
    fn close(&self) {}
}

fn main() {}
