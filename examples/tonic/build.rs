//! Writes messages, clients and servers. protox reads their description, so that no `protoc` is needed.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=shop.proto");
    let mut config = prost_build::Config::new();
    // What holds a password or a token must not be printed by a forgotten line.
    config.skip_debug(["shop.Credentials", "shop.RefreshToken", "shop.Tokens"]);
    let shop = protox::compile(["shop.proto"], ["."])?;
    Ok(tonic_prost_build::configure().compile_fds_with_config(shop, config)?)
}
