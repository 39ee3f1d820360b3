//! Generates the client and the server of the gRPC site. protox compiles the `.proto` file, so that no `protoc` is needed.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=src/edges/site.proto");
    let site = protox::compile(["site.proto"], ["src/edges"])?;
    Ok(tonic_prost_build::compile_fds(site)?)
}
