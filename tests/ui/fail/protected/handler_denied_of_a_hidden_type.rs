use gatevault::{Payload, protected};

#[protected(handler, denied = |denial| denial.to_string())]
fn profile(user: Payload) -> impl ToString {
    user.user_id().to_string()
}

fn main() {}
