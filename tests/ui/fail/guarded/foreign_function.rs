use gatevault::guarded;

#[guarded]
mod office {
    unsafe extern "C" {
        pub safe fn abs(number: i32) -> i32;
    }
}

fn main() {}
