use gatevault::{Payload, protected};

#[protected(handler, denied = |denial| (denial.status(), format!("{id}")))]
async fn invoice(id: u64, user: Payload) -> (u16, String) {
    (200, user.user_id().to_string())
}

fn main() {}
