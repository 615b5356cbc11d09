# `import nixpkgs { system = …; }`
import ./packages
