--  Rendezvous in Ada, by GNAT: tasks that accept, and protected objects.
with Ada.Command_Line;
with Ada.Real_Time; use Ada.Real_Time;
with Ada.Text_IO;

procedure Ada_Rows is

   procedure One_Arm (Times : Positive) is
      task Adder is
         entry Add (N : Integer; Sum : out Integer);
      end Adder;
      task body Adder is
      begin
         loop
            select
               accept Add (N : Integer; Sum : out Integer) do
                  Sum := N + 1;
               end Add;
            or
               terminate;
            end select;
         end loop;
      end Adder;
      Sum : Integer;
   begin
      for I in 1 .. Times loop
         Adder.Add (1, Sum);
      end loop;
   end One_Arm;

   procedure Four_Arms (Times : Positive) is
      task Adder is
         entry A (N : Integer; Sum : out Integer);
         entry B (N : Integer; Sum : out Integer);
         entry C (N : Integer; Sum : out Integer);
         entry D (N : Integer; Sum : out Integer);
      end Adder;
      task body Adder is
         Served : Natural := 0;
         procedure Serve (N : Integer; Sum : out Integer) is
         begin
            Sum := N + 1;
            Served := (if Served = Natural'Last then 0 else Served + 1);
         end Serve;
      begin
         loop
            select
               when Served >= 0 =>
                  accept A (N : Integer; Sum : out Integer) do
                     Serve (N, Sum);
                  end A;
            or
               when Served >= 0 =>
                  accept B (N : Integer; Sum : out Integer) do
                     Serve (N, Sum);
                  end B;
            or
               when Served >= 0 =>
                  accept C (N : Integer; Sum : out Integer) do
                     Serve (N, Sum);
                  end C;
            or
               when Served >= 0 =>
                  accept D (N : Integer; Sum : out Integer) do
                     Serve (N, Sum);
                  end D;
            or
               terminate;
            end select;
         end loop;
      end Adder;
      Sum : Integer;
   begin
      for I in 1 .. Times loop
         Adder.C (1, Sum);
      end loop;
   end Four_Arms;

   Size : constant := 16;
   type Places is array (0 .. Size - 1) of Integer;

   procedure Items (Times : Positive; Pairs : Positive) is
      task Buffer is
         entry Deposit (Item : Integer);
         entry Fetch (Item : out Integer);
      end Buffer;
      task body Buffer is
         Kept  : Places;
         First : Natural := 0;
         Count : Natural := 0;
      begin
         loop
            select
               when Count < Size =>
                  accept Deposit (Item : Integer) do
                     Kept ((First + Count) mod Size) := Item;
                  end Deposit;
                  Count := Count + 1;
            or
               when Count > 0 =>
                  accept Fetch (Item : out Integer) do
                     Item := Kept (First);
                  end Fetch;
                  First := (First + 1) mod Size;
                  Count := Count - 1;
            or
               terminate;
            end select;
         end loop;
      end Buffer;
      task type Producer;
      task body Producer is
      begin
         for I in 1 .. Times / Pairs loop
            Buffer.Deposit (1);
         end loop;
      end Producer;
      task type Consumer;
      task body Consumer is
         Item : Integer;
      begin
         for I in 1 .. Times / Pairs loop
            Buffer.Fetch (Item);
         end loop;
      end Consumer;
      Producers : array (1 .. Pairs) of Producer;
      Consumers : array (1 .. Pairs) of Consumer;
      pragma Unreferenced (Producers, Consumers);
   begin
      null;
   end Items;

   procedure Buffer_1_1 (Times : Positive) is
   begin
      Items (Times, 1);
   end Buffer_1_1;

   procedure Buffer_4_4 (Times : Positive) is
   begin
      Items (Times, 4);
   end Buffer_4_4;

   procedure Passive (Times : Positive) is
      protected Adder is
         entry Add (N : Integer; Sum : out Integer);
      private
         Open : Boolean := True;
      end Adder;
      protected body Adder is
         entry Add (N : Integer; Sum : out Integer) when Open is
         begin
            Sum := N + 1;
         end Add;
      end Adder;
      Sum : Integer;
   begin
      for I in 1 .. Times loop
         Adder.Add (1, Sum);
      end loop;
   end Passive;

   procedure Monitor (Times : Positive) is
      protected Adder is
         procedure Add (N : Integer; Sum : out Integer);
      end Adder;
      protected body Adder is
         procedure Add (N : Integer; Sum : out Integer) is
         begin
            Sum := N + 1;
         end Add;
      end Adder;
      Sum : Integer;
   begin
      for I in 1 .. Times loop
         Adder.Add (1, Sum);
      end loop;
   end Monitor;

   type Row is access procedure (Times : Positive);

   function Named (Name : String) return Row is
     (if Name = "one-arm" then One_Arm'Access
      elsif Name = "four-arms" then Four_Arms'Access
      elsif Name = "buffer-1-1" then Buffer_1_1'Access
      elsif Name = "buffer-4-4" then Buffer_4_4'Access
      elsif Name = "passive" then Passive'Access
      elsif Name = "monitor" then Monitor'Access
      else raise Constraint_Error with "no row " & Name);

   Operation : constant Row := Named (Ada.Command_Line.Argument (1));
   At_Least  : constant Time_Span := Milliseconds (Integer'Value (Ada.Command_Line.Argument (2)));
   Times     : Positive := 1000;
begin
   loop
      declare
         Start : constant Time := Clock;
         Took  : Time_Span;
      begin
         Operation (Times);
         Took := Clock - Start;
         if Took >= At_Least then
            Ada.Text_IO.Put_Line
              (Float'Image (Float (To_Duration (Took)) * 1.0E9 / Float (Times)));
            return;
         end if;
      end;
      Times := Times * 2;
   end loop;
end Ada_Rows;
