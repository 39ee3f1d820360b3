struct Shop;

impl Shop {
    #[gatevault::protected(payload = who: gatevault::Payload, role = "admin")]
    #[cached::macros::cached(in_impl = true, key = "u64", convert = "{ n }")]
    fn report(&self, n: u64) -> Result<u64, gatevault::GuardError> {
        Ok(n)
    }
}

fn main() {}
