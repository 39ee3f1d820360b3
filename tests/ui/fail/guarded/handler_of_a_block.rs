use gatevault::guarded;

#[guarded(handler)]
mod shop {
    #[gatevault::protected]
    fn orders(payload: gatevault::Payload) -> Result<String, gatevault::GuardError> {
        Ok(payload.user_id().to_string())
    }
}

fn main() {}
