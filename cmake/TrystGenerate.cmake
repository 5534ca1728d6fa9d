# tryst_generate(): filled in with the compiler.
