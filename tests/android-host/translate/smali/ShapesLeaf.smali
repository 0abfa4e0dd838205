# Has no constructor: what is made of it is made by its superclass's.
.class public LShapes$Leaf;
.super LShapes$Base;
