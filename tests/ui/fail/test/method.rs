struct A;
impl A {
    #[gatevault::test]
    fn a_test(&self) {}
}
fn main() {}
