trait A {
    #[gatevault::test]
    fn a_test();
}
fn main() {}
