use gatevault::{ChangePasswords, RegisterUsers};
struct Users;
fn registers<S: RegisterUsers>(_: S) {}
fn changes<S: ChangePasswords>(_: S) {}
fn main() {
    registers(Users);
    changes(Users);
}
