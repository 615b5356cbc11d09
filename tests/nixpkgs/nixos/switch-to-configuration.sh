#!/bin/bash
echo @toplevel@
