macro_rules! guarded {
    ($token:ident) => {
        #[gatevault::protected]
        fn open($token: &str, token: &str) -> Result<usize, gatevault::GuardError> {
            Ok(token.len() + $token.len())
        }
    };
}
guarded!(token);

fn main() {}
