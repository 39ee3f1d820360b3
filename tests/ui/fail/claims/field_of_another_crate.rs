use gatevault::Claims;

#[derive(Claims)]
struct User {
    user_id: u64,
    thread: std::thread::ThreadId,
}

fn main() {}
